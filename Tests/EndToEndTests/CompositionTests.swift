//  One request through nginx that creates a user with a line, its number and a voicemail box: all of it, or nothing.

import JSON
import Testing

extension EndToEnd {
    @Suite struct CompositionTests {
        private static func user(number: String, box: String, _ context: String) -> JSON {
            [
                "data": [
                    "first_name": "Ada", "last_name": "Lovelace",
                    "lines": [
                        ["name": "Ada", "extensions": [["exten": .string(number), "context_id": .string(context)]]]
                    ],
                    "voicemails": [["name": "Ada", "number": .string(box), "context_id": .string(context)]],
                ]
            ]
        }

        @Test func oneRequestMakesEverythingOrNothing() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let ranges: JSON = [["start": "1000", "end": "1999"]]
            let context = try session.create(
                "/contexts",
                ["name": "default", "type": "internal", "user_ranges": ranges]
            )
            func told() throws -> [String] {
                try session.send("GET", "/changes?paginate=false").data.array?.compactMap { $0["name"]?.string } ?? []
            }
            let before = try told()

            let created = try session.send("PUT", "/users", Self.user(number: "1001", box: "1001", context))
            expectSuccess(created, 201)
            #expect(
                try told().dropFirst(before.count) == [
                    "user_created", "line_created", "extension_created", "line_extension_associated",
                    "user_line_associated", "voicemail_created", "user_voicemail_associated",
                ]
            )
            let line = try #require(created.data["lines"]?.array?.first?.string)
            #expect(try session.send("GET", "/lines/\(line)").data["users"]?.array?.count == 1)

            // The last part, the box, has a number that is taken.
            let after = try told()
            let refused = try session.send("PUT", "/users", Self.user(number: "1002", box: "1001", context))
            #expect(refused.status == 400)
            #expect(refused.data["voicemails.0.number"]?["unique"] != nil)
            for path in ["/users", "/lines", "/extensions", "/voicemails"] {
                #expect(try session.send("GET", path).data.array?.count == 1)
            }
            #expect(try told() == after)
        }
    }
}
