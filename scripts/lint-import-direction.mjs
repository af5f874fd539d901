/**
 * An ESLint rule: a folder may import only its own files and those it is allowed to (the option: folder ->
 * list of folders or files under src-main). Imports here are relative and name their file, so the path alone
 * decides; what packages a folder may import is no-restricted-imports' matter.
 */
import { dirname, relative, resolve, sep } from 'node:path'

const inside = (path, folder) => path === folder || path.startsWith(`${folder}/`)

export const importDirection = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object' }],
    messages: {
      forbidden:
        '{{folder}} may import only {{allowed}}, not {{target}} (see MAY_IMPORT in eslint.config.js).',
    },
  },
  create(context) {
    const pathOf = (file) => relative(context.cwd, file).split(sep).join('/')
    const file = pathOf(context.filename)
    const [rule] = Object.entries(context.options[0]).filter(([folder]) => inside(file, folder))
    if (!rule) {
      return {}
    }
    const [folder, others] = rule
    const allowed = [folder, ...others.map((path) => `src-main/${path}`)]

    const check = (node) => {
      const source = node.source?.value
      const target =
        source === '#contract'
          ? 'src-main/contract'
          : typeof source === 'string' && source.startsWith('.')
            ? pathOf(resolve(dirname(context.filename), source))
            : null
      if (target === null || allowed.some((path) => inside(target, path))) {
        return
      }
      context.report({ node, messageId: 'forbidden', data: { folder, allowed: allowed.join(', '), target } })
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    }
  },
}
