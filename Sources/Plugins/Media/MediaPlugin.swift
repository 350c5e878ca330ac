//  Media: recordings that callers hear, such as greetings, music on hold and prompts.
//
//  Prompts are media like all others, found by `filter_prompt_id` and `filter_language`: they have no ids of their own
//  kind, no lists by language and by prompt, and deleting one leaves a tombstone. Speech is made elsewhere.

import PluginKit

struct MediaPlugin: ResourcePlugin {
    static let name = "media"

    static let list = ListView(
        row: [
            "name", RowField("media_type") { $0["content_type"] }, "media_source",
            RowField("language") { .string(($0["language"]?.string ?? "en-us").lowercased()) },
            RowField("is_prompt") { .bool(!($0["prompt_id"]?.string ?? "").isEmpty) }, "flags",
        ]
    )
    static let normalisations = [Normalisation("language") { $0.lowercased() }]
    static let reloads = ["media"]

    static let examples: [JSON] = [
        ["name": "Welcome", "media_source": "upload"],
        [
            "name": "Holiday greeting", "media_source": "tts", "language": "en-us", "streamable": false,
            "tts": ["text": "We are closed today.", "voice": "female/en-US"],
        ],
    ]
}
