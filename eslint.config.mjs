// Lint: type-aware strict rules everywhere, and a core without clock and chance. Which room may import which is checked
// by dependency-cruiser, from the table in rooms.mjs.
import tseslint from 'typescript-eslint';

const coreForbiddenGlobals = ['setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto', 'process', 'fetch'];
const impure = (message) => ({ message: `The core is pure: ${message}` });

const LEAVERS = '/^(all|any|race)$/';
/** One error must not leave others behind that go on unseen. */
const leavesNothingBehind = [
  `MemberExpression[object.name='Promise'][property.name=${LEAVERS}]`,
  `MemberExpression[object.name='Promise'] > Literal.property[value=${LEAVERS}]`,
  "VariableDeclarator[init.name='Promise']",
].map((selector) => ({ selector, message: 'Use `allEnded` or `firstEnded` of src/base/lanes.ts.' }));

export default tseslint.config(
  { ignores: ['**/dist/', 'out/', 'coverage/', 'node_modules/', '.local/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { allowDefaultCaseForExhaustiveSwitch: false }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 300 }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/base/lanes.ts'],
    rules: { 'no-restricted-syntax': ['error', ...leavesNothingBehind] },
  },
  {
    files: ['src/rotation/**', 'src/fleet/campaign/rules/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...coreForbiddenGlobals.map((name) => ({ name, ...impure(`${name} is an argument or a port.`) })),
      ],
      'no-restricted-syntax': [
        'error',
        ...leavesNothingBehind,
        {
          selector: "MemberExpression[object.name='Date'][property.name='now']",
          ...impure('the time is an argument.'),
        },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", ...impure('the time is an argument.') },
        {
          selector: "MemberExpression[object.name='Math'][property.name='random']",
          ...impure('chance is an argument.'),
        },
        {
          selector: "MemberExpression[object.name='AbortSignal'][property.name='timeout']",
          ...impure('deadlines belong to adapters.'),
        },
      ],
    },
  },
  {
    files: ['packages/*/src/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: 'Ages are measured with performance.now(): a clock may be set back.' },
      ],
    },
  },
  {
    files: ['src/**', 'packages/*/src/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'error' },
  },
  {
    files: ['scripts/**', 'local/**', 'test/**', 'bench/**', 'examples/**', '*.ts', '*.mjs'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**', 'packages/*/test/**'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/require-await': 'off' },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
