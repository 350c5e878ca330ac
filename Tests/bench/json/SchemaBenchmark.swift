//  Measures checking documents against Crossbar's own schemas, as far as they are known.

import Foundation
import JSON
import JSONSchema

enum SchemaBenchmark {
    /// Prints how long a user's document of 4 KB takes; says so when the schemas are not there.
    static func run() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let facts = here.appending(path: "../../../../shared/reference/schema-facts").standardizedFileURL
        let files = (try? FileManager.default.contentsOfDirectory(at: facts, includingPropertiesForKeys: nil)) ?? []
        var sources: [(name: String, source: JSON)] = []
        for file in files where file.pathExtension == "json" {
            let json = try JSON(parsing: [UInt8](Data(contentsOf: file)))
            let name = file.deletingPathExtension().lastPathComponent
            sources += name.hasSuffix("-parts") ? (json.object ?? [:]).map { ($0.key, $0.value) } : [(name, json)]
        }
        guard !sources.isEmpty else {
            print("SKIPPED: ../shared/reference/schema-facts is not there, so no document is checked by its schema.")
            return
        }
        let start = JSONBenchmark.cpuSeconds()
        let set = try SchemaSet(sources)
        let compiling = JSONBenchmark.cpuSeconds() - start
        guard let users = set["users"] else { return }
        let document = user()
        precondition(users.validate(document).violations.isEmpty, "the document is meant to be valid")
        let count = document.bytes().count
        let speed = JSONBenchmark.medians(of: count, [{ _ = users.validate(document) }])[0]
        print("| schemas | time |")
        print("| --- | ---: |")
        print("| compile all \(set.names.count) | \(Int(compiling * 1e3)) ms |")
        print("| check and fill in a user of \(count) bytes | \(count / max(speed, 1)) µs |")
    }

    /// A user with every kind of field, and with more of its own until it has 4 KB.
    private static func user() -> JSON {
        var user: JSON = [
            "first_name": "Alice", "last_name": "Example", "username": "alice@example.com", "enabled": true,
            "email": "alice@example.com", "priv_level": "user", "timezone": "Europe/Berlin", "presence_id": "1001",
            "caller_id": ["internal": ["name": "Alice", "number": "1001"], "external": ["number": "+4930123456"]],
            "call_forward": ["enabled": true, "number": "+49301234567", "require_keypress": false],
            "hotdesk": ["enabled": true, "id": "1001", "pin": "1234"],
            "media": ["audio": ["codecs": ["PCMU", "PCMA"]], "encryption": ["enforce_security": false]],
            "call_restriction": ["international": ["action": "deny"], "premium": ["action": "inherit"]],
            "music_on_hold": ["media_id": "0123456789abcdef0123456789abcdef"], "language": "en-us",
            "ui_metadata": ["version": "4.3", "ui": "monster-ui", "origin": "voip"],
        ]
        var number = 0
        while user.bytes().count < 4096 {
            user["field_\(number)"] = ["text": "more words of the document", "number": 17, "list": ["a", "b", true]]
            number += 1
        }
        return user
    }
}
