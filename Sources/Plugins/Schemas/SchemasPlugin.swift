//  The schemas themselves: what a document of each kind may hold, for programs that make forms and checks of it.

import PluginKit

struct SchemasPlugin: Plugin {
    static let name = "schemas"
    static let summary: String? = "What a document of each kind may hold, for programs that make forms of it."

    static func routes(kit: Kit) -> [PluginRoute] {
        // No pages are made of them: they are long, and anybody may ask.
        [
            PluginRoute("/schemas", Route([(.get, .anyone)], answersFiles: [.get]) { _ in names(kit) }),
            PluginRoute(
                "/schemas/{schema}",
                Route([(.get, .anyone)], answersFiles: [.get]) { call throws(APIError) in
                    Reply(try schema(call, kit).source)
                }
            ),
            PluginRoute(
                "/schemas/{schema}/validation",
                Route([(.put, .authenticated)]) { call throws(APIError) in
                    try validated(call, kit)
                }
            ),
        ]
    }

    private static func names(_ kit: Kit) -> Reply {
        Reply(.array(kit.schemas.names.sorted().map { .string($0) }))
    }

    private static func schema(_ call: Call, _ kit: Kit) throws(APIError) -> Schema {
        let name = call.arguments.first ?? ""
        guard let schema = kit.schemas[name] else { throw .badIdentifier(name) }
        return schema
    }

    /// Answers with the data and its defaults.
    private static func validated(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        let result = try schema(call, kit).validate(.object(call.fields()))
        guard result.violations.isEmpty else { throw .validation(result.violations.json) }
        var reply = Reply(result.value)
        reply.isCreated = true
        return reply
    }
}
