//  Media: recordings that callers hear, such as greetings, music on hold and prompts.
//
//  A recording with a `prompt_id` takes the place of a prompt of the system in one language. Its id is both, such as
//  `en-us/vm-enter_pass`, so there is one of each, and a switch finds it without a list; in a path it is one word, with
//  `%2F`. What the system itself says are recordings of the master account, which are at `/media` too. Speech is made
//  elsewhere. Whoever accepts sound, such as `audio/mpeg`, gets that of a recording from the recording's own path. PATCH
//  merges, as everywhere; Crossbar has none here.

import PluginKit

struct MediaPlugin: ResourcePlugin {
    static let name = "media"

    static let list = ListView(
        row: [
            "name", RowField("media_type") { $0["content_type"] }, "media_source",
            RowField("language") { .string(language(of: $0)) },
            RowField("is_prompt") { .bool(!($0["prompt_id"]?.string ?? "").isEmpty) }, "flags",
        ]
    )
    /// The recordings of each language, and all of them by language.
    static let languages = ListView("languages", row: []) { recording in
        let language = language(of: recording)
        return [nil, language].map { part in
            ListView.Place(within: part, key: .string(recording.id.text), fields: ["word": .string(language)])
        }
    }
    /// The recordings that take the place of each prompt, and all of them by prompt.
    static let prompts = ListView("prompts", row: []) { recording in
        guard let prompt = recording["prompt_id"]?.string, !prompt.isEmpty else { return [] }
        return [nil, prompt].map { part in
            ListView.Place(within: part, key: .string(recording.id.text), fields: ["word": .string(prompt)])
        }
    }
    static let views = [languages, prompts]
    static let actions: [Action] = [
        .collection(.get, "languages", access: .account(.user)) { call, service throws(APIError) in
            try MediaCounts.reply(call, service, languages)
        },
        .collection(.get, "languages/{language}", access: .account(.user)) { call, service throws(APIError) in
            try MediaCounts.reply(call, service, languages, of: call.argument("language")?.lowercased())
        },
        .collection(.get, "prompts", access: .account(.user)) { call, service throws(APIError) in
            try MediaCounts.reply(call, service, prompts)
        },
        .collection(.get, "prompts/{prompt}", access: .account(.user)) { call, service throws(APIError) in
            try MediaCounts.reply(call, service, prompts, of: call.argument("prompt"))
        },
    ]
    static let ownFile: (any AttachmentPlugin.Type)? = MediaRawPlugin.self
    static let service: any CRUDService = MediaService()
    static let listResource: any ListResource = MediaResource()

    /// In lower case; that of the schema's default if it says none.
    private static func language(of recording: Document) -> String {
        (recording["language"]?.string ?? MediaService.usualLanguage).lowercased()
    }

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
