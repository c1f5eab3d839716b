// Lint: type-aware strict rules everywhere, and the dependency direction of docs/architecture.md per folder.
import tseslint from 'typescript-eslint';

const coreForbiddenGlobals = ['setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto', 'process', 'fetch'];
const impure = (message) => ({ message: `The core is pure: ${message}` });

const importsOf = (patterns) => ({
  'no-restricted-imports': ['error', { patterns }],
});

const developmentOnly = {
  regex: '^(\\.\\./)+(local|test|bench|scripts|examples)/',
  message: 'What is deployed knows nothing of what is for development only.',
};

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'coverage/', 'node_modules/', '.local/'] },
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
    files: ['src/rotation/**', 'src/campaign/**'],
    rules: {
      ...importsOf([
        {
          group: ['@azure/*', 'zod', '../azure/*', '../functions/*', '../consumer/*', '../config.ts', '../compose.ts'],
          message: 'The core depends on nothing.',
        },
        { group: ['node:*', '!node:crypto'], message: 'The core depends on nothing.' },
      ]),
      'no-restricted-globals': [
        'error',
        ...coreForbiddenGlobals.map((name) => ({ name, ...impure(`${name} is an argument or a port.`) })),
      ],
      'no-restricted-syntax': [
        'error',
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
    files: ['src/rotation/!(secret).ts', 'src/campaign/**'],
    rules: importsOf([
      {
        group: [
          '@azure/*',
          'zod',
          'node:*',
          '../azure/*',
          '../functions/*',
          '../consumer/*',
          '../config.ts',
          '../compose.ts',
        ],
        message: 'The core depends on nothing.',
      },
    ]),
  },
  {
    files: ['src/azure/**'],
    rules: importsOf([
      developmentOnly,
      {
        regex: '^\\.\\./rotation/(?!(ports|model|history|secret|errors|reasons)\\.ts$)',
        message: 'Adapters know ports, model, secret and errors of the core only.',
      },
      {
        group: ['../functions/*', '../http/*', '../events/*', '../service/*', '../consumer/*', '../compose.ts'],
        message: 'Adapters do not know who uses them.',
      },
    ]),
  },
  {
    files: ['src/functions/**'],
    rules: importsOf([
      developmentOnly,
      {
        group: ['../azure/*', '../rotation/*', '../config.ts', '@azure/*', '!@azure/functions'],
        message: 'Entry files reach the adapters through compose.ts.',
      },
    ]),
  },
  {
    files: ['src/service/**'],
    rules: importsOf([
      developmentOnly,
      {
        group: ['../azure/*', '../http/*', '../functions/*', '../events/*', '../consumer/*'],
        message: 'What triggers do knows neither triggers nor adapters: it reaches these through compose.ts.',
      },
      { group: ['@azure/*', '!@azure/functions'], message: 'SDKs belong to adapters.' },
    ]),
  },
  {
    files: ['src/http/**'],
    rules: importsOf([
      developmentOnly,
      {
        group: ['../azure/*', '../functions/*', '../events/*', '../consumer/*'],
        message: 'HTTP knows what the service does and how it is asked, nothing else.',
      },
      { group: ['@azure/*', '!@azure/functions'], message: 'SDKs belong to adapters.' },
    ]),
  },
  {
    files: ['src/events/**'],
    rules: importsOf([
      developmentOnly,
      {
        group: ['../azure/*', '../http/*', '../functions/*', '../consumer/*'],
        message: 'An event is a hint: it is read, and the service passes over the accounts that it means.',
      },
      { group: ['@azure/*', '!@azure/functions'], message: 'SDKs belong to adapters.' },
    ]),
  },
  {
    files: ['src/consumer/**'],
    rules: {
      ...importsOf([
        developmentOnly,
        {
          regex: '^\\.\\./(?!(rotation/(model|secret)|events/(read-event|event-fields))\\.ts$)',
          message: 'Applications import this folder: it brings along model, secret and the reading of events only.',
        },
      ]),
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: 'Ages are measured with performance.now(): a clock may be set back.' },
      ],
    },
  },
  {
    files: ['src/config/**', 'src/config.ts'],
    rules: importsOf([
      developmentOnly,
      {
        regex: '^\\.\\.?/(azure|http|functions|events|consumer|service|compose)(/|\\.ts$)',
        message: 'Settings are parsed without knowing who uses them.',
      },
      {
        regex: '^\\.\\./rotation/(?!(model|secret|reasons)\\.ts$)',
        message: 'Settings become what the model names; they decide nothing.',
      },
      { group: ['@azure/*'], message: 'Settings are parsed without any SDK.' },
    ]),
  },
  {
    files: ['src/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'error' },
  },
  {
    files: ['scripts/**', 'local/**', 'test/**', 'bench/**', 'examples/**', '*.ts', '*.mjs'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/require-await': 'off' },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
