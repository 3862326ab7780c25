/** The tables of S3: buckets, objects, uploads and their parts, small contents, and contents that nothing names (yet). */
import type { ServiceSchema } from '../kit/database.ts'

export const S3_SCHEMA: ServiceSchema = {
  service: 's3',
  migrations: [
    `
    create table if not exists s3_bucket (name text primary key, created_ms integer not null, tags text) without rowid;
    create table if not exists s3_object (
      bucket text not null, key text not null, bytes integer not null, etag text not null, modified_ms integer not null,
      headers text not null, checksum text, tags text not null, segments text not null, part_bytes text not null,
      primary key (bucket, key)) without rowid;
    create table if not exists s3_upload (
      id text primary key, bucket text not null, key text not null, initiated_ms integer not null,
      headers text not null, tags text not null, checksum text) without rowid;
    create index if not exists s3_upload_of_bucket on s3_upload (bucket, key, id);
    create table if not exists s3_part (
      upload text not null, number integer not null, segments text not null, bytes integer not null, etag text not null,
      checksum text, modified_ms integer not null, primary key (upload, number)) without rowid;
    create table if not exists s3_content (id text primary key, data blob not null) without rowid;
    create table if not exists s3_garbage (id text primary key) without rowid;
    `,
    'alter table s3_upload add column replaces text;',
  ],
}
