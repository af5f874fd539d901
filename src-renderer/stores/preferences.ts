import { useLocalStorage, usePreferredDark } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, watchEffect } from 'vue'
import { nextOf } from '../composables/cycle.ts'

const THEMES = ['system', 'dark', 'light'] as const
export type Theme = (typeof THEMES)[number]

/** Settings of this window on this machine; nothing of the project. */
export const usePreferences = defineStore('preferences', () => {
  const theme = useLocalStorage<Theme>('vitrine/theme', 'system')
  const speed = useLocalStorage('vitrine/speed', 1)
  const sound = useLocalStorage('vitrine/sound', false)
  const prefersDark = usePreferredDark()
  const dark = computed(() => (theme.value === 'system' ? prefersDark.value : theme.value === 'dark'))
  watchEffect(() => {
    document.documentElement.style.colorScheme = dark.value ? 'dark' : 'light'
  })
  return {
    theme,
    /** Whether the window is dark now, whatever decided it. */
    dark,
    /** Playback speed of every player; 1 is real time. */
    speed,
    /** Whether players are heard. */
    sound,
    nextTheme(): void {
      theme.value = nextOf(THEMES, theme.value)
    },
  }
})
