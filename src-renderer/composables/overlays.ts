import { ref } from 'vue'

/** Which of the overlays over everything is open. */
export const palette = ref(false)
export const keysOverlay = ref(false)
export const machine = ref(false)
export const about = ref(false)
/** The page of the docs that is open, and the section of it; null: none. */
export const docs = ref<{ page: string; section: string } | null>(null)
export const DOCS_KEY = 'f1'
export const allSteps = ref(false)
export const ALL_STEPS_KEY = 'alt+a'
/** The part of the history that is open; null: none. */
export const history = ref<'edits' | 'snapshots' | 'name' | null>(null)
