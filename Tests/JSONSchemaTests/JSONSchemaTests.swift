//  Tests of JSONSchema.
