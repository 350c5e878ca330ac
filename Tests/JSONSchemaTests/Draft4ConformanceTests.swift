//  The official tests of JSON Schema draft 4, required and optional.

import JSON
import JSONSchema
import Testing

private let suite = PublicData("corpora/json-schema-draft4")
private let remotes = PublicData("corpora/json-schema-remotes")

@Suite(
    .enabled(
        if: suite.exists && remotes.exists,
        "SKIPPED: ../shared/corpora/json-schema-draft4 or json-schema-remotes is not there"
    )
)
struct Draft4ConformanceTests {
    /// Groups that are not kept, and why.
    static let leftOut = [
        "optional/zeroTerminatedFloats.json: some languages do not distinguish between different types of numeric value":
            "1.0 is an integer here, as the later drafts have it; clients that have only doubles write integers so"
    ]

    @Test func theSuiteIsWhole() throws {
        #expect(suite.files.count >= 42)
        let groups = try suite.files.flatMap { file in
            try #require(try suite.json(file).array).map { "\(file): \($0["description"]?.string ?? "")" }
        }
        #expect(groups.count >= 150)
        for group in Draft4ConformanceTests.leftOut.keys { #expect(groups.contains(group)) }
    }

    @Test(arguments: suite.files)
    func everyGroupIsDecidedAsTheSuiteSays(file: String) throws {
        var sources = try remotes.files.map { ("http://localhost:1234/" + $0, try remotes.json($0)) }
        sources.append(("group", .null))
        for group in try #require(try suite.json(file).array) {
            let description = try #require(group["description"]?.string)
            if Draft4ConformanceTests.leftOut["\(file): \(description)"] != nil { continue }
            sources[sources.count - 1].1 = try #require(group["schema"])
            let set = try SchemaSet(sources, dialect: .draft4)
            let schema = try #require(set["group"])
            for test in try #require(group["tests"]?.array) {
                let data = try #require(test["data"])
                let result = schema.validate(data, options: .checkOnly)
                let comment = Comment(rawValue: "\(description): \(test["description"] ?? "")")
                #expect(result.violations.isEmpty == test["valid"]?.bool, comment)
                #expect(result.value == data, comment)
            }
        }
    }
}
