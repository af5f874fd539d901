import { ref } from 'vue'

/** Which of the overlays over everything is open. */
export const palette = ref(false)
export const keysOverlay = ref(false)
export const machine = ref(false)
export const history = ref(false)
