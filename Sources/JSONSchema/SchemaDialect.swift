//  Which reading of JSON Schema a set of schemas is written for.

/// What schemas mean where readings differ.
package struct SchemaDialect: Equatable, Sendable {
    /// Whether the keywords next to a `$ref` count too; draft 4 ignores them.
    package var evaluatesReferenceSiblings: Bool
    /// Whether `hostname`, `uri` and `regex` are checked, and `email` by its grammar instead of by its one `@`.
    package var checksAllFormats: Bool
    /// Whether draft 3's `divisibleBy` and `disallow`, and the keywords `kazoo-validation` and `kazoo-regexp`, are
    /// known.
    package var knowsExtensions: Bool

    package init(evaluatesReferenceSiblings: Bool, checksAllFormats: Bool, knowsExtensions: Bool) {
        self.evaluatesReferenceSiblings = evaluatesReferenceSiblings
        self.checksAllFormats = checksAllFormats
        self.knowsExtensions = knowsExtensions
    }

    /// Draft 4 as its specification and its official tests say.
    package static let draft4 = SchemaDialect(
        evaluatesReferenceSiblings: false,
        checksAllFormats: true,
        knowsExtensions: false
    )

    /// Draft 4 as Crossbar's schemas use it.
    package static let crossbar = SchemaDialect(
        evaluatesReferenceSiblings: true,
        checksAllFormats: false,
        knowsExtensions: true
    )
}
