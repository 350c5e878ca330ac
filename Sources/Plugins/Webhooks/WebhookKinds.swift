//  What webhooks can be told of: GET /webhooks, /webhooks/samples, /webhooks/samples/{sample}.

import PluginKit

enum WebhookKinds {
    static let list = Route([(.get, .anyone)]) { _ in
        Reply([
            [
                "id": "object", "name": "object",
                "description": "Changes of documents: created, edited, deleted, linked and unlinked.",
                "modifiers": [
                    "type": [
                        "type": "string", "description": "Only documents of this kind: user, device, all.",
                    ],
                    "action": [
                        "type": "array", "description": "Only changes of this kind.",
                        "items": ["all", "doc_created", "doc_edited", "doc_deleted"],
                    ],
                ],
            ]
        ])
    }

    static let samples = Route([(.get, .anyone)]) { _ in Reply([.string(name)]) }

    static let sample = Route([(.get, .anyone)]) { call throws(APIError) in
        guard call.arguments.last == name else { throw .badIdentifier(call.arguments.last ?? "") }
        return Reply([example])
    }

    private static let name = "webhooks_object"

    private static let example: JSON = [
        "event_id": "6d1f2a9b8c3e47509a1b2c3d4e5f6071", "sequence": 4711, "name": "user_edited",
        "account_id": "5f0c7b1e9d3a4c628e10b7d4a9c3e2f1", "document_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "type": "user", "revision": "3-0123456789abcdef0123456789abcdef", "changed": ["email"], "related": [],
        "reloads": ["dialplan", "queues", "sip"], "actor": "user:aabbccddeeff00112233445566778899",
        "request_id": "f00dfeed", "time": 1_800_000_000, "hook_event": "object", "action": "doc_edited",
        "id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "timestamp": 63_967_219_200,
    ]
}
