/** Text within HTML and SVG, between tags and in quoted attributes alike. Control characters, which no page may hold, are left out. */
export const escapeHtml = (text: string): string =>
  text.replace(CONTROL, '').replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g
