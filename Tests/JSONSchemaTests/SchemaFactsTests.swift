//  Crossbar's own schemas, as far as they are known.

import JSON
import JSONSchema
import Testing

private let facts = PublicData("reference/schema-facts")

@Suite(.enabled(if: facts.exists, "SKIPPED: ../shared/reference/schema-facts is not there"))
struct SchemaFactsTests {
    /// The schemas by name; a file of parts has several.
    static func sources() throws -> [(name: String, source: JSON)] {
        try facts.files.flatMap { file in
            let json = try facts.json(file)
            guard file.hasSuffix("-parts.json") else { return [(String(file.dropLast(5)), json)] }
            return try #require(json.object).map { ($0.key, $0.value) }
        }
    }

    @Test func allOfThemCompile() throws {
        let set = try SchemaSet(SchemaFactsTests.sources())
        #expect(set.names.count >= 200)
        for name in set.names { #expect(set[name]?.source["_id"]?.string == name) }
    }
}
