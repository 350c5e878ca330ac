//  A forgotten password: asking for a letter, and getting in with what it says.

import Gateway
import JSON
import PluginKit

struct RecoveryPage {
    let visit: Visit
    var error: APIError?

    func page() -> Page {
        let typed = visit.request.call?.envelope.data ?? [:]
        var recovery: Model = [
            "account": typed["account_name"]?.string ?? "",
            "username": typed["username"]?.string ?? "",
            "letter": typed["reset_id"]?.string ?? visit.request.query["recovery"] ?? "",
            "address": "\(visit.request.origin ?? "http://127.0.0.1")/recovery",
        ]
        if let sentence { recovery["sentence"] = sentence }
        return visit.page("recovery", title: "Forgotten password", recovery)
    }

    /// Whether a path is that of the letters.
    static func isAbout(_ nouns: [Noun]) -> Bool {
        nouns.last?.module == "user_auth" && nouns.last?.arguments == ["recovery"]
    }

    /// Where the reader of a letter has to choose a new password; nil after anything else.
    static func next(after reply: Reply, _ visit: Visit) -> String? {
        guard reply.session != nil, case .value(let bytes) = reply.content, let login = try? JSON(parsing: bytes),
            let account = login["account_id"]?.string, let user = login["owner_id"]?.string
        else { return nil }
        let path = "/v2/accounts/\(percentEncoded(account))/users/\(percentEncoded(user))"
        return visit.link(path, ["form": "edit", "said": "reset"])
    }

    private var sentence: String? {
        switch error {
        case nil: nil
        case .secondFactorNeeded: "This user has a second factor: give a code of it too."
        case .tooManyRequests(let seconds): "Too many attempts. Wait \(seconds) seconds, then try again."
        case .validation where visit.request.call?.envelope.data["reset_id"] != nil:
            "This is no code from a letter of ours, or it is too old, or it was used before."
        case .validation: "Give an account and a user name."
        default: "That did not work. Ask for another letter."
        }
    }
}
