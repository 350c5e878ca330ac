//  JSONSchema.
