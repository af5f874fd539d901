// Another program in the middle of a long write: holds the write lock of a database until it is told to let go.
import Sqlite from 'better-sqlite3'

const db = new Sqlite(process.argv[2] ?? '')
db.exec('BEGIN IMMEDIATE')
process.send?.('held')
process.once('message', () => {
  db.exec('ROLLBACK')
  db.close()
  process.disconnect()
})
