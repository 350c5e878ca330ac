//  SQLiteStore.
