/// <reference types="vite/client" />

/** Made when the window is built: scripts/view-actions.ts. */
declare module 'virtual:view-actions' {
  export const VIEW_ACTIONS: readonly {
    id: string
    /** A key of the catalogues, as it stands in the source. */
    title: string
    view: string
  }[]
}

/** Made when the window is built: scripts/docs-pages.ts. */
declare module 'virtual:docs' {
  export const PAGES: readonly {
    name: string
    title: string
    sections: readonly { id: string; title: string; level: number }[]
    /** The page as HTML, with links `#/docs/PAGE/SECTION`. */
    load: () => Promise<{ default: string }>
  }[]
}
