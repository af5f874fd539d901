let context: CanvasRenderingContext2D | null = null

/** A text as it fits into `width` CSS pixels at 12 px, with an ellipsis where it is cut: SVG cuts none by itself. */
export function fitted(text: string, width: number): string {
  context ??= document.createElement('canvas').getContext('2d')
  if (context === null) {
    return text
  }
  context.font = "12px 'Inter Variable'"
  const measured = context
  const fits = (part: string): boolean => measured.measureText(part).width <= width
  if (fits(text)) {
    return text
  }
  let [held, over] = [0, text.length]
  while (over - held > 1) {
    const middle = (held + over) >> 1
    if (fits(`${text.slice(0, middle)}…`)) {
      held = middle
    } else {
      over = middle
    }
  }
  return `${text.slice(0, held).trimEnd()}…`
}
