import { ref } from 'vue'

/** Which of the overlays over everything is open. */
export const palette = ref(false)
export const keysOverlay = ref(false)
export const machine = ref(false)
export const about = ref(false)
export const allSteps = ref(false)
export const ALL_STEPS_KEY = 'alt+a'
/** The part of the history that is open; null: none. */
export const history = ref<'edits' | 'snapshots' | 'name' | null>(null)
