//  What happens around a recording's document: one that takes the place of a prompt has an id that says so.

import PluginKit

struct MediaService: CRUDService {
    /// As the schema has it.
    static let usualLanguage = "en-us"

    /// - Throws: `.conflict` if the prompt has a recording in this language already.
    func create(_ fields: JSONObject, in work: Work) throws(APIError) -> Document {
        guard let prompt = fields["prompt_id"]?.string, !prompt.isEmpty else {
            return try StandardCRUDService().create(fields, in: work)
        }
        let language = (fields["language"]?.string ?? Self.usualLanguage).lowercased()
        let id = DocumentID("\(language)/\(prompt)")
        guard try work.reader.document(id) == nil else { throw .conflict }
        return try work.save(Change(old: nil, new: work.document(id: id, fields)))
    }

    /// What the id says cannot change.
    func prepare(_ change: inout Change, in work: Work) {
        guard let old = change.old, let prompt = old["prompt_id"], old.id.text.hasSuffix("/\(prompt.string ?? "")")
        else { return }
        for name in ["prompt_id", "language"] { change.new?.fields[name] = old[name] }
    }
}

/// Says where a recording is whose id has to be encoded.
struct MediaResource: ListResource {
    func put(_ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        let created = try service.create(call.fields(), with: call.envelope.file)
        return .created(created, at: "\(call.path)/\(percentEncoded(created.id.text))")
    }
}
