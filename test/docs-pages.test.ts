/** The docs as the window shows them: every formula is drawn, and every link within them leads somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { pagesInOrder } from '../docs/.vitepress/order.ts'
import { renderPage, WINDOW_PAGES } from '../scripts/docs-pages.ts'

const docs = join(import.meta.dirname, '..', 'docs')
const files = readdirSync(docs).filter((file) => file.endsWith('.md'))
const pages = new Map(
  WINDOW_PAGES.map((name) => [name, renderPage(readFileSync(join(docs, `${name}.md`), 'utf8'))]),
)

it('renders headings, formulas, tables and code of Markdown, and drops what is HTML', () => {
  const { html, sections } = renderPage(
    '# The `f` page\n\nA $\\bar v$ for $5 and <b>bold</b>.\n\n| a |\n| --- |\n| 1 |\n\n```math\nx^2\n```\n\n```sh\na < b\n```\n',
  )
  expect(sections).toEqual([{ id: 'the-f-page', title: 'The f page', level: 1 }])
  expect(html).toMatch(/<math.*\$5 and bold\./s)
  expect(html).toContain('<table>')
  expect(html).toMatch(/display="block"/)
  expect(html).toContain('a &lt; b')
  expect(html).not.toContain('<b>')
})

it('finds every section and picture that the docs refer to', () => {
  const missing: string[] = []
  for (const [name, { html, pictures }] of pages) {
    for (const [, page = '', section = ''] of html.matchAll(/href="#\/docs\/([^/"]*)\/([^"]*)"/g)) {
      const target = pages.get(page === '' ? name : page)
      if (target === undefined || (section !== '' && target.sections.every(({ id }) => id !== section))) {
        missing.push(`${name}: ${page}#${section}`)
      }
    }
    missing.push(
      ...pictures.filter((file) => !existsSync(join(docs, file))).map((file) => `${name}: ${file}`),
    )
  }
  expect(pages.size).toBeGreaterThan(15)
  expect(missing).toEqual([])
})

it('has every page in its order once, and every picture on a page', () => {
  expect([...pagesInOrder].sort()).toEqual(files.map((file) => basename(file, '.md')).sort())
  const texts = files.map((file) => readFileSync(join(docs, file), 'utf8')).join('\n')
  const shown = new Set([...texts.matchAll(/\]\(images\/([^)]+)\)/g)].map(([, picture]) => picture))
  expect([...shown].sort()).toEqual(readdirSync(join(docs, 'images')).sort())
})

it('lets no script through: there is none to let through', () => {
  expect(renderPage('<script>alert(1)</script>\n\n[x](javascript:alert(1))').html).not.toMatch(/script/)
})
