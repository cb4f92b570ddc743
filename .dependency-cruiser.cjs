/**
 * The layers of the code, and what may know what: config, common → database → queues, realtime → modules.
 * Nothing points back. The files beside these folders (main, worker, app.module, the command line) compose them.
 */
const SPEC = '\\.spec\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Files that need each other are one file, or share a third. Types count.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'layer-common',
      comment: 'config and common know nothing above them.',
      severity: 'error',
      from: { path: '^src/(config|common)/' },
      to: { path: '^src/', pathNot: '^src/(config|common)/' },
    },
    {
      name: 'layer-database',
      comment: 'The database knows config and common only.',
      severity: 'error',
      from: { path: '^src/database/' },
      to: { path: '^src/', pathNot: '^src/(config|common|database)/' },
    },
    {
      name: 'layer-transport',
      comment: 'Queues and realtime carry what modules say: they know no module.',
      severity: 'error',
      from: { path: '^src/(queues|realtime)/' },
      to: { path: '^src/', pathNot: '^src/(config|common|database|queues|realtime)/' },
    },
    {
      name: 'layer-modules',
      comment: 'Modules are composed by the files above them, which they do not know.',
      severity: 'error',
      from: { path: '^src/modules/' },
      to: { path: '^src/', pathNot: '^src/(config|common|database|queues|realtime|modules)/' },
    },
    {
      name: 'entities-alone',
      comment: 'Entities import entities and TypeORM; of common they may use types.',
      severity: 'error',
      from: { path: '^src/database/entities/' },
      to: { pathNot: ['^src/database/entities/', '^node_modules/typeorm/', '^src/common/'] },
    },
    {
      name: 'entities-types-of-common',
      severity: 'error',
      from: { path: '^src/database/entities/' },
      to: { path: '^src/common/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'modules-meet-at-readers',
      comment: 'A module meets another through its reader, its module class, its DTOs, a bus event or a job.',
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/', pathNot: SPEC },
      to: {
        path: '^src/modules/',
        pathNot: ['^src/modules/$1/', '\\.reader\\.ts$', '\\.module\\.ts$', '/dto/[^/]+\\.dto\\.ts$'],
      },
    },
    {
      name: 'processors-in-workers',
      comment: 'The API only enqueues: processors belong to worker modules.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['-worker\\.module\\.ts$', SPEC] },
      to: { path: '\\.processor\\.ts$' },
    },
    {
      name: 'no-barrel',
      comment: 'Import a thing from the file that bears its name.',
      severity: 'error',
      from: {},
      to: { path: '^(src|test)/.*/index\\.ts$' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-dependencies',
      comment: 'What runs in production is a dependency, not a devDependency or somebody else’s.',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
