import { useLocalStorage, usePreferredDark, usePreferredReducedMotion } from '@vueuse/core'
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
  const replay = useLocalStorage<boolean | null>('vitrine/replay', null, {
    serializer: { read: (text) => text === 'true', write: String },
    writeDefaults: false,
  })
  const motion = usePreferredReducedMotion()
  const strips = useLocalStorage('vitrine/strips', false)
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
    /** Whether clips that are judged play by themselves, over and over; not where a person wants less motion. */
    replay: computed({
      get: () => replay.value ?? motion.value !== 'reduce',
      set: (value) => {
        replay.value = value
      },
    }),
    /** Whether the strips over a clip's time are unfolded. */
    strips,
    nextTheme(): void {
      theme.value = nextOf(THEMES, theme.value)
    },
  }
})
