// Lets plain Node import `*.sql?raw` as text, as Vite does: with it main runs from its sources.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, next) {
    if (!url.endsWith('.sql?raw')) {
      return next(url, context)
    }
    const text = readFileSync(new URL(url), 'utf8')
    return { format: 'module', shortCircuit: true, source: `export default ${JSON.stringify(text)}` }
  },
})
