import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import a11y from 'eslint-plugin-vuejs-accessibility'
import tseslint from 'typescript-eslint'
import { importDirection } from './scripts/lint-import-direction.mjs'

/**
 * Which way imports go: what each folder may import of this project's own files. Anything not named here is
 * forbidden; test/lint.test.ts shows that it is. The shells, compose.ts and router.ts, at the top of
 * src-main, may import everything.
 */
const MAY_IMPORT = {
  'src-main/contract': [],
  'src-main/common': ['contract'],
  'src-main/formats': ['contract', 'common'],
  'src-main/engine-host': ['contract', 'common'],
  'src-main/engine': ['contract', 'common', 'formats', 'engine-host'],
  'src-main/store': ['contract', 'common', 'formats'],
  'src-main/jobs': ['contract', 'common', 'formats', 'store'],
  'src-main/media': ['contract', 'common', 'formats'],
  'src-main/project': ['contract', 'common', 'formats', 'store', 'jobs', 'media', 'engine-host'],
  'src-main/transport': ['contract', 'common'],
  'src-preload': [],
  'src-renderer': ['contract'],
}

const electronOnlyInShell = {
  name: 'electron',
  message: 'Only src-main/electron.ts and src-preload know Electron.',
}
/**
 * Packages a folder may import, where that is limited; Node's own modules are forbidden in the same folders.
 */
const onlyPackages = (allowed) => ({
  'no-restricted-imports': [
    'error',
    {
      paths: [electronOnlyInShell],
      patterns: [
        {
          regex: `^(?!\\.|#contract$|(?:${allowed.join('|')})$)`,
          message: `Only ${allowed.join(', ')} may be imported here.`,
        },
      ],
    },
  ],
})

/** Settings that would open Electron's sandbox, and calls that would hand a page more than the contract. */
const forbidden = (name, value) => ({
  selector: `Property[key.name='${name}'][value.value=${value}]`,
  message: `${name}: ${value} opens the sandbox.`,
})
const electronSecurity = [
  ...['contextIsolation', 'sandbox', 'webSecurity'].map((name) => forbidden(name, false)),
  ...[
    'nodeIntegration',
    'nodeIntegrationInWorker',
    'nodeIntegrationInSubFrames',
    'allowRunningInsecureContent',
    'webviewTag',
    'experimentalFeatures',
  ].map((name) => forbidden(name, true)),
  {
    selector: "MemberExpression[property.name='executeJavaScript']",
    message: 'The window is reached through the contract only.',
  },
  {
    selector: "MemberExpression[property.name='openExternal']",
    message: 'Vitrine opens nothing outside itself.',
  },
]
const noChance = {
  selector: "MemberExpression[object.name='Math'][property.name='random']",
  message: 'Results are reproducible: use the seeded generator.',
}

/**
 * Names that say nothing of what they hold. A property may be called `data` (a tensor's, an event's), and be taken out of
 * its object under that name; a variable of ours may not.
 */
const EMPTY_NAMES = 'own|told|said|looked|asked|item|items|info|obj|val|tmp|stuff|thing|things'
const emptyName = (selector, names = EMPTY_NAMES) => ({
  selector: selector.replaceAll('NAME', `[name=/^(${names})$/]`),
  message: 'This name says nothing of what it holds: use a noun, or the term of the field.',
})
const emptyNames = [
  emptyName('VariableDeclarator > IdentifierNAME.id'),
  emptyName(':function > IdentifierNAME.params'),
  emptyName(':function > AssignmentPattern > IdentifierNAME.left'),
  emptyName(':matches(ArrayPattern, RestElement) > IdentifierNAME'),
  emptyName('ObjectPattern > Property > IdentifierNAME.value'),
  emptyName('VariableDeclarator > IdentifierNAME.id', 'data'),
  emptyName(':function > IdentifierNAME.params', 'data'),
]

export default tseslint.config(
  { ignores: ['out', 'node_modules', '.node24', 'test-results', '**/*.vitrine'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...vue.configs['flat/essential'],
  ...a11y.configs['flat/recommended'],
  {
    plugins: { vitrine: { rules: { 'import-direction': importDirection } } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'vitrine/import-direction': ['error', MAY_IMPORT],
      'no-restricted-imports': ['error', { paths: [electronOnlyInShell] }],
      'no-restricted-syntax': ['error', ...electronSecurity, noChance, ...emptyNames],
      'no-eval': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'object-shorthand': 'error',
      curly: ['error', 'all'],
      'no-nested-ternary': 'error',
      // Array elements count as possibly undefined (noUncheckedIndexedAccess); in loops over arrays ! says
      // that they are there.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      // What is thrown away on purpose starts with an underscore.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    // TypeScript itself finds undefined names, and knows the types that are none.
    files: ['**/*.ts', '**/*.vue'],
    rules: { 'no-undef': 'off' },
  },
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/html-button-has-type': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/no-v-html': 'error',
      'vue/no-restricted-syntax': [
        'error',
        {
          selector: 'VElement ConditionalExpression > ConditionalExpression',
          message: 'Choices in choices: name them in the script.',
        },
      ],
      'vue/require-explicit-emits': 'error',
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
    },
  },
  { files: ['src-main/contract/**'], rules: onlyPackages(['zod', '@orpc/contract']) },
  {
    files: ['src-renderer/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [electronOnlyInShell], patterns: [{ regex: '^node:', message: 'The window has no Node.' }] },
      ],
    },
  },
  { files: ['src-main/electron.ts', 'src-preload/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['scripts/**', 'eslint.config.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        setTimeout: 'readonly',
        setImmediate: 'readonly',
        structuredClone: 'readonly',
        clearTimeout: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
)
