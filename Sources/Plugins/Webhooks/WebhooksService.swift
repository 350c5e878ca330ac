//  What happens around a webhook's document: its key, since when it is on, and why it was switched off.

import Bytes
import PluginKit

struct WebhooksService: CRUDService {
    /// Private fields.
    static let since = "since"
    static let disableReason = "disable_reason"

    /// The server itself switches a hook off by merging a reason.
    func merge(_ patch: JSONObject, into id: DocumentID, in work: Work) throws(APIError) -> Document {
        let old = try work.find(id)
        var new = old
        if work.caller == nil, let reason = patch[Self.disableReason] {
            new.fields["enabled"] = false
            new.secrets[Self.disableReason] = reason
        } else {
            new.fields = JSON.object(old.fields).merging(.object(patch)).object ?? old.fields
        }
        return try work.save(Change(old: old, new: new))
    }

    /// Gives a hook without a key one that nobody knows; a key that is not sent again stays.
    func prepare(_ change: inout Change, in work: Work) {
        // What is no object is the schema's to refuse.
        guard let hook = change.new, var settings = (hook["security_settings"] ?? [:]).object,
            settings["sha256_key"] == nil
        else { return }
        settings["sha256_key"] =
            change.old?["security_settings"]?["sha256_key"] ?? .string(hexadecimal(randomBytes(32)))
        change.new?.fields["security_settings"] = .object(settings)
    }

    /// A hook that is switched on is told of what happens from now on, and what switched it off is forgotten.
    func complete(_ change: inout Change, in work: Work) {
        guard let hook = change.new, Self.isOn(hook), change.old.map(Self.isOn) != true else { return }
        change.new?.secrets[Self.since] = .number(JSONNumber(Int(work.time)))
        change.new?.secrets[Self.disableReason] = nil
    }

    private static func isOn(_ hook: Document) -> Bool { hook["enabled"]?.bool ?? true }
}
