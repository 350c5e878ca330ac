//  Requests that a client sends again because it does not know whether they arrived.
//
//  Source: the IETF's draft "The Idempotency-Key HTTP Header Field".

import HTTPTypes
import Identity
import JSON

/// A request that its client may repeat: a key that the client gave it, and what it asks.
package struct RepeatableRequest: Sendable {
    /// The account of the caller; keys of one account mean nothing in another.
    package let account: String
    /// The caller and the key. Nobody but the same caller gets the answer again.
    package let name: String
    /// What is asked: a key means one request only.
    package let content: [UInt8]
    /// Unix seconds.
    package let time: Int64
}

/// What became of a request: as much of a reply as is needed to give it again.
package struct KeptReply: Equatable, Sendable {
    /// Compact JSON in UTF-8, or nil if the reply had nothing but its envelope.
    package var value: [UInt8]?
    package var isCreated: Bool
    package var revision: String?
    package var location: String?

    package init(value: [UInt8]?, isCreated: Bool, revision: String?, location: String?) {
        self.value = value
        self.isCreated = isCreated
        self.revision = revision
        self.location = location
    }
}

/// Where replies are kept for the time in which clients repeat requests; implemented over the store, so that a repeated
/// request is known after a restart as well.
package protocol ReplyArchive: Sendable {
    /// Claims the key of a request for the one that is about to be answered.
    ///
    /// - Returns: the reply to the first such request; nil if this is the first one, which then must be kept or released.
    /// - Throws: `.keyInUse` if the first one is not answered yet, or nobody knows whether it was; `.keyReused` if the
    ///   key came with another request.
    func claim(_ request: RepeatableRequest) throws(APIError) -> KeptReply?

    /// Keeps the reply to a claimed request.
    func keep(_ reply: KeptReply, to request: RepeatableRequest) throws(APIError)

    /// Gives up the claim of a request that changed nothing.
    func release(_ request: RepeatableRequest) throws(APIError)
}

extension ReplyArchive {
    /// Answers a request once: the first time by doing what it asks, later by repeating what was said then.
    ///
    /// A request that was refused did nothing, and may be tried again under its key.
    func once(_ request: RepeatableRequest, _ answer: () throws(APIError) -> Reply) throws(APIError) -> Reply {
        if let kept = try claim(request) { return Reply(kept) }
        let reply: Reply
        do {
            reply = try answer()
        } catch {
            // Where the claim cannot be given up either, a repeated request is refused, which is safe.
            try? release(request)
            throw error
        }
        // What was asked is done, so the client must hear of it even if nobody will remember that.
        if let kept = KeptReply(reply) { try? keep(kept, to: request) } else { try? release(request) }
        return reply
    }
}

extension RepeatableRequest {
    /// Nil unless the caller is known and the call may change something.
    ///
    /// - Throws: `.badRequest` if the key is not one of 1 to 255 visible characters.
    init?(_ call: Call, key: String) throws(APIError) {
        guard call.method != .get, let caller = call.caller else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badRequest("An Idempotency-Key has 1 to 255 visible ASCII characters.")
        }
        account = caller.account.id
        name = "\(caller.principal.userID ?? "")\n\(key)"
        var members = call.envelope.members
        members["auth_token"] = nil
        let query = call.query.pairs.filter { $0.name != "auth_token" }
        let asked: JSON = [
            "method": .string(call.method.rawValue), "path": .string(call.path), "data": call.envelope.data,
            "members": .object(members), "query": .array(query.map { [.string($0.name), .string($0.value ?? "")] }),
        ]
        content = asked.canonicalBytes() + Array((call.envelope.file?.digest ?? "").utf8)
        time = call.time
    }
}

extension KeptReply {
    /// Nil for a reply that is not kept: a list, or a token, which must not lie on disk.
    fileprivate init?(_ reply: Reply) {
        guard reply.authToken == nil else { return nil }
        switch reply.content {
        case .none: value = nil
        case .value(let bytes): value = bytes
        case .rows, .stream, .file, .text, .made: return nil
        }
        isCreated = reply.isCreated
        revision = reply.revision
        location = reply.location
    }
}

extension Reply {
    fileprivate init(_ kept: KeptReply) {
        self.init(kept.value.map(Content.value) ?? .none)
        isCreated = kept.isCreated
        revision = kept.revision
        location = kept.location
    }
}
