/**
 * Charts as files: what is drawn, with its title and legend, in colours and fonts that any program knows. An SVG
 * names its fonts; a picture of dots is drawn with the window's own.
 */
import interFile from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url'

export interface LegendEntry {
  label: string
  /** Any CSS colour. */
  colour: string
  dash?: readonly number[] | undefined
  /** A ring in place of a line. */
  ring?: boolean
  /** A mark in place of a line: its outline around 0, 0, as a path. */
  mark?: string
  hollow?: boolean
}
export interface Drawing {
  chart: SVGSVGElement
  title: string
  legend: readonly LegendEntry[]
}

const SVG = 'http://www.w3.org/2000/svg'
/** What of an element's look is written into it, and what it is where nothing is written. */
const LOOK: Record<string, string> = {
  fill: 'rgb(0, 0, 0)',
  stroke: 'none',
  'stroke-width': '1px',
  'stroke-dasharray': 'none',
  'stroke-linejoin': 'miter',
  opacity: '1',
  'font-size': '16px',
  'font-weight': '400',
  'text-anchor': 'start',
  'dominant-baseline': 'auto',
  'image-rendering': 'auto',
}
const FONTS = "'Inter Variable', Inter, 'Helvetica Neue', Arial, sans-serif"
const MARGIN = 12
const TITLE = 24
const LEGEND_LINE = 18
/** Pixels of a PNG to a pixel of the screen. */
const DENSITY = 2

/** A drawing as files of both kinds; a PNG is made when it is asked for. */
export function pictureOf(drawing: Drawing): { svg(): string; png(): Promise<Blob> } {
  const svg = svgOf(drawing)
  return { svg: () => svg, png: () => pngOf(svg) }
}

/** The drawing as an SVG file of its own. */
function svgOf({ chart, title, legend }: Drawing): string {
  const plain = plainColours()
  const { width, height } = sizeOf(chart)
  const places = legendPlaces(legend, width)
  const root = element('svg', {
    width: width + 2 * MARGIN,
    height: height + 2 * MARGIN + TITLE + places.height,
    'font-family': FONTS,
  })
  root.setAttribute('viewBox', `0 0 ${root.getAttribute('width') ?? ''} ${root.getAttribute('height') ?? ''}`)
  const text = (words: string, look: Record<string, string | number>): SVGElement =>
    element('text', look, words)
  const ink = plain('var(--text)', chart)
  root.append(
    element('title', {}, title),
    element('rect', { width: '100%', height: '100%', ...fillOf(plain('var(--surface)', chart)) }),
    text(title, { x: MARGIN, y: MARGIN + 12, 'font-size': 13, 'font-weight': 600, ...fillOf(ink) }),
  )
  const body = element('svg', { x: MARGIN, y: MARGIN + TITLE, width, height, overflow: 'visible' })
  body.append(...[...chart.children].map((child) => plainCopy(child, plain)))
  root.append(body)
  legend.forEach((entry, i) => {
    const { x, y } = places.of[i] ?? { x: 0, y: 0 }
    const group = element('g', {
      transform: `translate(${MARGIN + x} ${MARGIN + TITLE + height + y})`,
    })
    const stroke = strokeOf(plain(entry.colour, chart))
    group.append(
      signOf(entry, stroke, fillOf(plain(entry.hollow === true ? 'var(--surface)' : entry.colour, chart))),
      text(entry.label, { x: 20, y: 12, 'font-size': 11, ...fillOf(ink) }),
    )
    root.append(group)
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(root)}\n`
}

/** What a legend entry stands for: a ring, a mark, or a line. */
function signOf(
  { ring = false, mark, dash }: LegendEntry,
  stroke: Record<string, string>,
  fill: Record<string, string>,
): SVGElement {
  if (ring) {
    return element('circle', { cx: 7, cy: 8, r: 3.5, fill: 'none', 'stroke-width': 1.5, ...stroke })
  }
  if (mark !== undefined) {
    return element('path', { d: mark, transform: 'translate(7 8)', 'stroke-width': 1.5, ...stroke, ...fill })
  }
  return element('line', {
    x2: 14,
    y1: 8,
    y2: 8,
    'stroke-width': 2,
    ...(dash && { 'stroke-dasharray': dash.join(' ') }),
    ...stroke,
  })
}

/** As its attributes say, where it is not laid out; else as it is on the screen. */
function sizeOf(chart: SVGSVGElement): { width: number; height: number } {
  const [width, height] = ['width', 'height'].map((side) => Number(chart.getAttribute(side)))
  return width && height ? { width, height } : chart.getBoundingClientRect()
}

/** An SVG file as a PNG of twice its size, in the window's typeface. */
async function pngOf(svg: string): Promise<Blob> {
  const font = await asDataUrl(await (await fetch(interFile)).blob())
  const face = `<style>@font-face { font-family: 'Inter Variable'; font-weight: 100 900; src: url("${font}") }</style>`
  const image = new Image()
  const address = URL.createObjectURL(
    new Blob([svg.replace('<title', `${face}<title`)], { type: 'image/svg+xml' }),
  )
  try {
    image.src = address
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(image.width * DENSITY)
    canvas.height = Math.round(image.height * DENSITY)
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob === null) {
          reject(new Error('The browser makes no PNG of this chart.'))
        } else {
          resolve(blob)
        }
      }, 'image/png')
    })
  } finally {
    URL.revokeObjectURL(address)
  }
}

/** An element of a drawing. */
export function element(
  tag: string,
  attributes: Record<string, string | number>,
  text: string | null = null,
): SVGElement {
  const made = document.createElementNS(SVG, tag)
  made.textContent = text
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, String(value))
  }
  return made
}

/** An element and all in it with its look as attributes. What is marked `data-passing` (a cursor) is left out. */
function plainCopy(source: Element, plain: PlainColour): Element {
  const copy = element(source.localName, {})
  for (const { name, value } of source.attributes) {
    if (!/^(class|style|role|tabindex|data-.*|aria-.*)$/.test(name) && LOOK[name] === undefined) {
      copy.setAttribute(name, value)
    }
  }
  const look = getComputedStyle(source)
  for (const [property, usual] of source.localName === 'g' ? [] : Object.entries(LOOK)) {
    const value = look.getPropertyValue(property)
    const isOfText = /^(font|text)-/.test(property) && source.localName !== 'text'
    if (value === usual || value === '' || isOfText) {
      continue
    }
    const isColour = (property === 'fill' || property === 'stroke') && value !== 'none'
    const written = isColour ? colourOf(property, plain(value, source)) : { [property]: value }
    for (const [name, part] of Object.entries(written)) {
      copy.setAttribute(name, part)
    }
  }
  for (const child of source.childNodes) {
    if (child instanceof SVGElement) {
      if (child.dataset['passing'] === undefined) {
        copy.append(plainCopy(child, plain))
      }
    } else if (child.nodeType === Node.TEXT_NODE) {
      copy.append(child.textContent ?? '')
    }
  }
  return copy
}

interface Colour {
  rgb: string
  alpha: number
}
type PlainColour = (css: string, at: Element) => Colour
/** From any colour of CSS, tokens and oklch() too, to red, green and blue, which every program reads. */
function plainColours(): PlainColour {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const known = new Map<string, Colour>()
  return (css, at) => {
    const resolved = css.includes('var(') || css.includes('light-dark(') ? computed(css, at) : css
    const before = known.get(resolved)
    if (before !== undefined || context === null) {
      return before ?? { rgb: resolved, alpha: 1 }
    }
    context.clearRect(0, 0, 1, 1)
    context.fillStyle = resolved
    context.fillRect(0, 0, 1, 1)
    const [r = 0, g = 0, b = 0, a = 255] = context.getImageData(0, 0, 1, 1).data
    const colour = { rgb: `rgb(${r}, ${g}, ${b})`, alpha: Number((a / 255).toFixed(3)) }
    known.set(resolved, colour)
    return colour
  }
}
/** A colour as it is where an element stands. */
function computed(css: string, at: Element): string {
  const probe = document.createElement('span')
  probe.style.color = css
  ;(at.closest('figure') ?? document.body).append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
const colourOf = (property: string, { rgb, alpha }: Colour): Record<string, string> => ({
  [property]: rgb,
  ...(alpha < 1 && { [`${property}-opacity`]: String(alpha) }),
})
const fillOf = (colour: Colour): Record<string, string> => colourOf('fill', colour)
const strokeOf = (colour: Colour): Record<string, string> => colourOf('stroke', colour)

/** Where each entry of a legend stands, in as many lines as it takes. */
function legendPlaces(
  legend: readonly LegendEntry[],
  width: number,
): { of: { x: number; y: number }[]; height: number } {
  const context = document.createElement('canvas').getContext('2d')
  if (context !== null) {
    context.font = `11px ${FONTS}`
  }
  let [x, line] = [0, 0]
  const of = legend.map(({ label }) => {
    const room = 20 + (context?.measureText(label).width ?? 0) + 14
    if (x > 0 && x + room > width) {
      ;[x, line] = [0, line + 1]
    }
    const place = { x, y: line * LEGEND_LINE }
    x += room
    return place
  })
  return { of, height: legend.length === 0 ? 0 : (line + 1) * LEGEND_LINE }
}

function asDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => {
      resolve(String(reader.result))
    }
    reader.onerror = () => {
      reject(reader.error ?? new Error('The typeface cannot be read.'))
    }
    reader.readAsDataURL(blob)
  })
}
