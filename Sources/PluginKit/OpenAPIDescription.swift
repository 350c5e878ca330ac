//  The server as an OpenAPI document, derived from the plugins. Source: OpenAPI 3.1.1.

import Gateway
import HTTPTypes
import JSON
import JSONSchema

/// All routes with their verbs, arguments, access rules and schemas.
package struct OpenAPIDescription: Sendable {
    package let json: JSON

    package init(_ kit: Kit) {
        var paths = JSONObject()
        for plugin in kit.plugins {
            for route in plugin.routes(kit: kit) {
                paths[route.template.description] = OpenAPIPath(route, of: plugin, kit).json
            }
        }
        json = .object([
            "openapi": "3.1.1",
            "info": ["title": "Jackfield", "description": "Configuration of a telephone system.", "version": "2"],
            // The schemas of the plugins are of this draft.
            "jsonSchemaDialect": "http://json-schema.org/draft-04/schema#",
            "servers": [["url": "/v2"]],
            "tags": .array(kit.plugins.map { ["name": .string($0.name)] }),
            "paths": .object(JSONObject(paths.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })),
            "components": [
                "schemas": .object(Self.schemas(kit)),
                "responses": ["Error": Self.error],
                "securitySchemes": [
                    "token": ["type": "apiKey", "in": "header", "name": "X-Auth-Token"],
                    "bearer": ["type": "http", "scheme": "bearer"],
                ],
            ],
        ])
    }

    private static func schemas(_ kit: Kit) -> JSONObject {
        var schemas = JSONObject()
        for name in kit.schemas.names {
            schemas[name] = kit.schemas[name].map { OpenAPISchema.component($0.source, named: name) }
        }
        for resource in kit.catalogue.all {
            guard var schema = schemas[resource.schema.name]?.object else { continue }
            var properties = schema["properties"]?.object ?? [:]
            for field in resource.computed where properties[field.name] == nil {
                properties[field.name] = ["readOnly": true]
            }
            for link in resource.links {
                let right = kit.catalogue[type: link.rightType]?.schema.name
                properties[link.field] = OpenAPISchema.links(to: link.rightType, schema: right ?? link.rightType)
            }
            schema["properties"] = .object(properties)
            if let explanation = resource.concealment.explanation {
                let sentences = [schema["description"]?.string, explanation].compactMap { $0 }
                schema["description"] = .string(sentences.joined(separator: " "))
            }
            schemas[resource.schema.name] = .object(schema)
        }
        return schemas
    }

    private static let error: JSON = [
        "description": "The request was refused.",
        "content": [
            "application/json": [
                "schema": [
                    "type": "object",
                    "required": ["status", "error", "message", "request_id"],
                    "properties": [
                        "status": ["enum": ["error"]],
                        "error": ["type": "string", "description": "The status code."],
                        "message": ["type": "string"],
                        "data": ["description": "What is wrong: by path and rule, if the data is."],
                        "request_id": ["type": "string"],
                    ],
                ]
            ]
        ],
    ]
}

/// Schemas as components of a description.
enum OpenAPISchema {
    static func reference(to name: String) -> JSON { ["$ref": .string("#/components/schemas/\(name)")] }

    /// A schema whose references lead to where the schemas stand now.
    static func component(_ schema: JSON, named name: String) -> JSON {
        guard var members = moved(schema, name).object else { return schema }
        members["$schema"] = nil
        members["id"] = nil
        return .object(members)
    }

    /// Links of a document: ids, or new documents where one is created.
    static func links(to type: String, schema: String) -> JSON {
        [
            "type": "array",
            "description": .string("The ids of what it is linked to; a new document may bring new ones with it."),
            "items": ["anyOf": [["type": "string", "title": .string("The id of a \(type)")], reference(to: schema)]],
        ]
    }

    private static func moved(_ value: JSON, _ name: String) -> JSON {
        switch value {
        case .object(let members):
            .object(
                JSONObject(
                    members.map { key, value in
                        guard key == "$ref", let target = value.string else { return (key, moved(value, name)) }
                        return (key, .string(place(of: target, in: name)))
                    }
                )
            )
        case .array(let elements): .array(elements.map { moved($0, name) })
        case .null, .bool, .number, .string: value
        }
    }

    private static func place(of target: String, in name: String) -> String {
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let schema = parts[0].isEmpty ? name : parts[0]
        return "#/components/schemas/\(schema)" + (parts.count > 1 ? parts[1] : "")
    }
}
