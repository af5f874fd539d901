/**
 * `npm run schema`: writes src-main/store/schema.sql, the schema that the migrations lead to.
 * test/store/open.test.ts fails when it is not current.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { migrate, schemaOf } from '../src-main/store/migrate.ts'
import { root, say } from './tools.mjs'

const db = new Sqlite(':memory:')
migrate(db, () => {})
writeFileSync(join(root, 'src-main', 'store', 'schema.sql'), schemaOf(db))
say('src-main/store/schema.sql is the schema that the migrations lead to.')
