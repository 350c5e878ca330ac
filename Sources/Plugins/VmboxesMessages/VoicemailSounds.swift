//  The sounds of messages: what they are called, and many of them at once.

import PluginKit

enum VoicemailSounds {
    /// Who called and when: `+12125550100_2026-01-02T03-04-05Z.wav`.
    static func name(_ message: Document, _ sound: Attachment) -> String {
        let caller = message["caller_id_number"]?.string ?? ""
        let plain = caller.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+") }
        let ending = fileExtension(of: sound.mediaType).map { ".\($0)" } ?? ""
        let when = timestamp(time(of: message)).replacing(":", with: "-")
        return "\(plain.isEmpty ? "unknown" : plain)_\(when)\(ending)"
    }

    /// `{"messages": [ids]}`: the sounds of these messages as one archive. A message without a sound adds nothing.
    static func archive(_ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        let ids = try VoicemailFiling.ids(in: call.fields())
        var sounds: [ArchiveEntry] = []
        for id in ids {
            guard let (message, sound) = try service.file(VmboxesMessagesRawPlugin.self, of: id) else { continue }
            sounds.append(ArchiveEntry(name: name(message, sound), file: sound, modified: time(of: message)))
        }
        return try service.archive(sounds, named: "messages.zip")
    }

    /// Unix seconds.
    private static func time(of message: Document) -> Int64 {
        // A client may have written any number; no calendar goes on for ever.
        let seconds = Int64(message["timestamp"]?.int ?? 0)
        return min(max(seconds, gregorianOffset), gregorianOffset + 253_402_300_799) - gregorianOffset
    }
}
