#!/usr/bin/env node
// Install scripts are off (.npmrc). This builds the one native module by name when it is missing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

function loads() {
  try {
    const Database = require('better-sqlite3')
    new Database(':memory:').close()
    return true
  } catch {
    return false
  }
}

if (!loads()) {
  console.log('Building better-sqlite3 for this machine, some minutes …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // Headers that came with Node spare a download of them.
  const prefix = dirname(dirname(process.execPath))
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h'))
  const built = spawnSync(npm, ['rebuild', 'better-sqlite3', '--ignore-scripts=false'], {
    stdio: 'inherit',
    env: { ...process.env, ...(headers && { npm_config_nodedir: prefix }) },
    shell: process.platform === 'win32',
  })
  if (built.status !== 0 || !loads()) {
    console.error('better-sqlite3 could not be built: it needs python3, make and a C++ compiler.')
    process.exit(1)
  }
}
