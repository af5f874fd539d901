import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import a11y from 'eslint-plugin-vuejs-accessibility'
import tseslint from 'typescript-eslint'

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
  {
    selector: "CallExpression[callee.property.name='postMessage'] > Literal[value='*']",
    message: 'A message is for an origin, not for whatever page is there.',
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

/** Assertions that may silently not run, so that a test passes though nothing was asserted. */
const assertion =
  ":matches([callee.name='expect'], [callee.object.name='expect'][callee.property.name='poll'])"
const skippedAssertions = [
  {
    selector: `:matches(IfStatement, ConditionalExpression, LogicalExpression, SwitchCase, CatchClause) CallExpression${assertion}`,
    message: 'This assertion may silently not run: choose what is expected, not whether to expect it.',
  },
  {
    selector: `TryStatement[handler] > BlockStatement.block CallExpression${assertion}`,
    message: 'What is caught may be the failed assertion: assert after it.',
  },
  {
    selector:
      'CallExpression[callee.name=/^(it|test|step)$/] > ArrowFunctionExpression > BlockStatement > IfStatement ReturnStatement',
    message: 'A test that leaves early passes: skip it with its reason.',
  },
]

/** Sentences in scripts of the window: what a command, an option or a column is called, and why it can't be. */
const sentences = {
  selector:
    'Property[key.name=/^(title|label|note|hint|section|text|description|heading|meaning)$/] > :matches(Literal[value=/[a-z] [a-z]/i], TemplateLiteral[quasis.0.value.raw=/[a-z] /])',
  message: 'A sentence of the window has a key in src-renderer/language: t(...).',
}
/** What no language changes: names of programs and measures, units, signs, and examples of files and names in empty fields. */
const WORDS_OF_EVERY_LANGUAGE = [
  ...[
    'Vitrine',
    'ffmpeg',
    'NPMI',
    'C_V',
    'AP',
    'AUC',
    'CIDEr',
    'IoU',
    'F1',
    'ln p',
    'K',
    'n',
    'p',
    'q',
    'r',
    's',
    'f',
    'λ',
    'κ',
  ],
  ...[
    '(',
    ')',
    ':',
    ';',
    ',',
    '.',
    '·',
    '/',
    '=',
    '−',
    '–',
    '+',
    '×',
    '%',
    '#',
    '→',
    '←',
    '“',
    '”',
    '(0)',
    '°',
    'Enter',
  ],
  ...['.vitrine', 'captions.tsv', 'captions.json', 'features.h5', 'en', 'BLIP', 'clip=NAME,caption=NAME'],
  ...['v', '[', ']', '…', '<', '>', '?', '|', '↓', 'openai/clip-vit-base-patch32', 'Language / 语言'],
]

export default tseslint.config(
  { ignores: ['out', 'node_modules', '.node24', 'test-results', '**/*.vitrine'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...vue.configs['flat/essential'],
  ...a11y.configs['flat/recommended'],
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
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
    // What a person asked a model hub for is all that is ever asked of another machine.
    files: ['src-main/**'],
    ignores: ['src-main/hub/requests.ts'],
    rules: { 'no-restricted-globals': ['error', 'fetch', 'WebSocket', 'EventSource'] },
  },
  {
    files: ['src-renderer/**'],
    ignores: ['src-renderer/language/**'],
    rules: {
      'no-restricted-syntax': ['error', ...electronSecurity, noChance, ...emptyNames, sentences],
    },
  },
  {
    files: ['test/**'],
    rules: {
      'no-restricted-syntax': ['error', ...electronSecurity, noChance, ...emptyNames, ...skippedAssertions],
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
      'vue/no-bare-strings-in-template': [
        'error',
        {
          // Names of programs, measures, units and signs, which no language changes.
          allowlist: WORDS_OF_EVERY_LANGUAGE,
          attributes: {
            '/.+/': [
              'title',
              'aria-label',
              'aria-placeholder',
              'aria-roledescription',
              'aria-valuetext',
              'alt',
            ],
            '/^(input|textarea|TextField|PathField|SearchField|SearchableList)$/': ['placeholder'],
            '/^[A-Z]/': ['label', 'text', 'hint', 'note', 'description', 'search-label'],
          },
        },
      ],
      'vue/no-restricted-syntax': [
        'error',
        {
          selector:
            'VAttribute[directive=true][key.argument.name=/^(title|aria-label|alt|placeholder|label|text|hint|note|description|search-label)$/] Literal[value=/[a-z] [a-z]/i]',
          message: 'A sentence of the window has a key in src-renderer/language: t(...).',
        },
        {
          selector: 'VElement ConditionalExpression > ConditionalExpression',
          message: 'Choices in choices: name them in the script.',
        },
      ],
      'vue/require-explicit-emits': 'error',
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
    },
  },
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
