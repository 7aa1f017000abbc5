import { defineConfig } from 'vitest/config'

/** Every file has a process of its own, and every core a file: most of the time one waits for another process. */
const pool = { pool: 'forks' as const, isolate: true, maxWorkers: '100%' }

/** Where other people's work shares the machine, a process may lose a second: what fails twice in a row is a fault. */
const retry = process.env.CI ? 1 : 0

export default defineConfig({
  // As the build puts it in.
  define: { __VERSION__: JSON.stringify('0.0.0-test') },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for may come late where the machine is shared; what never comes is still a failure.
    expect: { poll: { timeout: 20_000, interval: 50 } },
    reporters: ['default'],
    setupFiles: ['test/support/property-seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Pure code: files may share a process and its loaded modules, and every core gets one.
          pool: 'forks',
          isolate: false,
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
          include: ['test/{shared,sdk,server,extension,templates}/**/*.test.ts'],
          exclude: ['test/server/storage/**'],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'storage',
          ...pool,
          retry,
          globalSetup: 'test/support/global-setup.ts',
          include: ['test/server/storage/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          ...pool,
          retry,
          globalSetup: 'test/support/global-setup.ts',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          // The same tests, on MongoDB: what a customer would miss first.
          name: 'mongodb',
          ...pool,
          retry,
          globalSetup: 'test/support/global-setup.ts',
          env: { TRIALPACE_TEST_STORAGE: 'mongodb' },
          include: process.env.MONGODB_URI
            ? [
                'test/integration/api/{api,companies,company-doors,company-switch}.test.ts',
                'test/integration/billing/extensions.test.ts',
                'test/integration/companion/{card,extending}.test.ts',
                'test/integration/messages/{due-loop,newer-playbook}.test.ts',
                'test/integration/metrics/kpis.test.ts',
                'test/integration/trials/company-{moves,world}.test.ts',
              ]
            : [],
          passWithNoTests: true,
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          ...pool,
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          fileParallelism: false,
          // A real browser on a busy machine now and then loses a target or a frame; what fails thrice is a fault.
          retry: process.env.CI ? 2 : 0,
        },
      },
    ],
  },
})
