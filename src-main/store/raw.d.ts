/** Vite's `?raw` import: the file's text, bundled. */
declare module '*.sql?raw' {
  const text: string
  export default text
}
