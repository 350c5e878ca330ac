//  The schema of draft 4 schemas.

import JSON

/// The schema that describes draft 4 in its own words; schemas refer to it by its URI.
///
/// Source: http://json-schema.org/draft-04/schema.
enum MetaSchema {
    static let name = "http://json-schema.org/draft-04/schema"

    static let draft4: JSON = [
        "id": "http://json-schema.org/draft-04/schema#",
        "$schema": "http://json-schema.org/draft-04/schema#",
        "definitions": definitions,
        "type": "object",
        "properties": .object(
            JSONObject([numbers, strings, arrays, objects, values].flatMap { $0.map { ($0.key, $0.value) } })
        ),
        "dependencies": ["exclusiveMaximum": ["maximum"], "exclusiveMinimum": ["minimum"]],
        "default": [:],
    ]

    private static let schema: JSON = ["$ref": "#"]
    private static let schemas: JSON = ["$ref": "#/definitions/schemaArray"]
    private static let count: JSON = ["$ref": "#/definitions/positiveInteger"]
    private static let countFromZero: JSON = ["$ref": "#/definitions/positiveIntegerDefault0"]
    private static let names: JSON = ["$ref": "#/definitions/stringArray"]
    private static let flag: JSON = ["type": "boolean", "default": false]
    private static let string: JSON = ["type": "string"]
    private static let number: JSON = ["type": "number"]
    private static let map: JSON = ["type": "object", "additionalProperties": schema, "default": [:]]
    private static let flagOrSchema: JSON = ["anyOf": [["type": "boolean"], schema], "default": [:]]

    private static let definitions: JSON = [
        "schemaArray": ["type": "array", "minItems": 1, "items": schema],
        "positiveInteger": ["type": "integer", "minimum": 0],
        "positiveIntegerDefault0": ["allOf": [count, ["default": 0]]],
        "simpleTypes": ["enum": ["array", "boolean", "integer", "null", "number", "object", "string"]],
        "stringArray": ["type": "array", "items": string, "minItems": 1, "uniqueItems": true],
    ]

    private static let numbers: JSONObject = [
        "multipleOf": ["type": "number", "minimum": 0, "exclusiveMinimum": true],
        "maximum": number,
        "exclusiveMaximum": flag,
        "minimum": number,
        "exclusiveMinimum": flag,
    ]

    private static let strings: JSONObject = [
        "maxLength": count,
        "minLength": countFromZero,
        "pattern": ["type": "string", "format": "regex"],
    ]

    private static let arrays: JSONObject = [
        "additionalItems": flagOrSchema,
        "items": ["anyOf": [schema, schemas], "default": [:]],
        "maxItems": count,
        "minItems": countFromZero,
        "uniqueItems": flag,
    ]

    private static let objects: JSONObject = [
        "maxProperties": count,
        "minProperties": countFromZero,
        "required": names,
        "additionalProperties": flagOrSchema,
        "definitions": map,
        "properties": map,
        "patternProperties": map,
        "dependencies": ["type": "object", "additionalProperties": ["anyOf": [schema, names]]],
    ]

    private static let values: JSONObject = [
        "id": string,
        "$schema": string,
        "title": string,
        "description": string,
        "default": [:],
        "enum": ["type": "array", "minItems": 1, "uniqueItems": true],
        "type": [
            "anyOf": [
                ["$ref": "#/definitions/simpleTypes"],
                ["type": "array", "items": ["$ref": "#/definitions/simpleTypes"], "minItems": 1, "uniqueItems": true],
            ]
        ],
        "format": string,
        "allOf": schemas,
        "anyOf": schemas,
        "oneOf": schemas,
        "not": schema,
    ]
}
