/// <reference types="vite/client" />

/** Made when the window is built: scripts/view-actions.ts. */
declare module 'virtual:view-actions' {
  export const VIEW_ACTIONS: readonly { id: string; title: string; view: string }[]
}
