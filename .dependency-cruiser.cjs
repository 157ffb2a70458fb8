// The layering rule of docs/design.md section 2: imports go down only, never sideways on a floor.
const { readdirSync } = require('node:fs');
const { join } = require('node:path');

/** Packages by floor. A package missing here fails `pnpm lint`. */
const floors = [
  ['core'],
  ['message-set', 'date', 'mailbox-name'],
  ['wire', 'mime', 'threading', 'sasl', 'transport'],
  ['imap-client', 'pop3-client', 'imap-server', 'pop3-server', 'memory', 'maildir', 'store-conformance', 'users'],
  ['sync', 'test-server'],
  ['cli'],
];
const pure = ['core', 'message-set', 'date', 'mailbox-name', 'wire', 'mime', 'threading', 'sasl'];
const stores = ['memory', 'maildir'];
const anyOf = (names) => (names.length === 0 ? '^nothing$' : `^packages/(${names.join('|')})/`);

const layering = floors.flatMap((floor, level) =>
  floor.map((name) => ({
    name: `floor-${level}-${name}`,
    comment: `${name} stands on floor ${level}: it may import only from the floors below`,
    severity: 'error',
    from: { path: `^packages/${name}/src/` },
    to: {
      path: anyOf(
        floors
          .slice(level)
          .flat()
          .filter((other) => other !== name),
      ),
    },
  })),
);

module.exports = {
  forbidden: [
    ...layering,
    {
      name: 'tests-below-the-command',
      comment: 'tests may use anything but the command, which only its own tests use',
      severity: 'error',
      from: { path: '^packages/(?!cli/)[^/]+/test/' },
      to: { path: '^packages/cli/' },
    },
    {
      name: 'pure-packages',
      comment: 'these packages run in any JavaScript runtime',
      severity: 'error',
      from: { path: `^packages/(${pure.join('|')})/src/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'stores-know-no-wire',
      comment: 'a store never imports the wire, a transport or a mechanism',
      severity: 'error',
      from: { path: `^packages/(${stores.join('|')})/src/` },
      to: { path: anyOf(['wire', 'transport', 'sasl']) },
    },
    {
      name: 'clients-know-no-store',
      severity: 'error',
      from: { path: '^packages/(imap|pop3)-client/src/' },
      to: { path: anyOf(stores) },
    },
    {
      name: 'tooling-stays-outside',
      comment: 'what is published imports no private package, but for the command, which bundles the mail generator',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/cli/src/' },
      to: { path: '^tooling/' },
    },
    {
      name: 'no-circles',
      comment: 'types may refer to one another, code may not',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'declared-dependencies',
      comment: 'an import must resolve, and what is published must not lean on a devDependency',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^packages/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|fixtures|node_modules)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@posthorn/source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'],
    },
  },
};

const homeless = readdirSync(join(__dirname, 'packages')).filter((name) => !floors.flat().includes(name));
if (homeless.length > 0)
  throw new Error(`give these packages a floor in .dependency-cruiser.cjs: ${homeless.join(', ')}`);
