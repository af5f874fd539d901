/** The docs as the window shows them: every formula is drawn, and every link within them leads somewhere. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { docsPages, renderPage } from '../scripts/docs-pages.ts'

const docs = join(import.meta.dirname, '..', 'docs')
const pages = new Map(
  docsPages(docs).map((name) => [name, renderPage(readFileSync(join(docs, `${name}.md`), 'utf8'))]),
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

it('lets no script through: there is none to let through', () => {
  expect(renderPage('<script>alert(1)</script>\n\n[x](javascript:alert(1))').html).not.toMatch(/script/)
})
