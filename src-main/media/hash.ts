export { hashFile } from '../formats/hash.ts'
