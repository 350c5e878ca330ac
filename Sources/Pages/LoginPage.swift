//  Logging in, and getting back to where one was.

import Gateway
import HTTPTypes
import JSON
import PluginKit

struct LoginPage {
    let visit: Visit
    /// Why a login or a request was refused, if one was.
    var error: APIError?

    func page() -> Page {
        let typed = visit.request.call?.envelope.data ?? [:]
        var login: Model = [
            "next": next,
            "account": typed["account_name"]?.string ?? "",
            "username": typed["username"]?.string ?? "",
        ]
        if let sentence { login["sentence"] = sentence }
        if let step { login["step"] = step } else { login["isFirst"] = true }
        return visit.page("login", title: "Log in", login)
    }

    /// What a second factor asks for after the password.
    private var step: Model? {
        guard let settings = error?.data["multi_factor_request"]?["settings"], let token = settings["token"]?.string
        else { return isCodeWrong ? ["token": pending ?? ""] : nil }
        var step: Model = ["token": token]
        if let enrolment = settings["enrolment"], let secret = enrolment["secret"]?.string {
            // The picture is the server's own, made of squares.
            let picture = Markup(trusted: enrolment["qr_svg"]?.string ?? "")
            step["enrolment"] = ["secret": secret, "picture": picture] as Model
        }
        return step
    }

    /// The recovery codes of a second factor that began with this login; they are shown this once.
    static func codes(_ codes: [JSON], next: String, _ visit: Visit) -> Page {
        let texts = codes.compactMap(\.string)
        return visit.page("login", title: "Your recovery codes", ["codes": ["texts": texts, "next": next] as Model])
    }

    /// What the first step of a login was told, if this was the second.
    private var pending: String? { visit.request.call?.envelope.data["multi_factor_token"]?.string }

    /// Whether the second step may be tried again.
    private var isCodeWrong: Bool { error == .invalidCredentials && pending != nil }

    private var isLogin: Bool { visit.request.nouns.last?.module == "user_auth" }

    private var sentence: String? {
        switch error {
        case nil: visit.request.caller == nil ? nil : "You are logged in. Log in as somebody else, or go back."
        case let error? where error.data["multi_factor_request"] != nil: nil
        case _ where isCodeWrong: "This code is wrong, or it was used before."
        case .expiredToken where pending != nil: "That took too long. Log in again."
        case .validation: "Give an account, a user name and a password."
        case .tooManyRequests(let seconds): "Too many attempts. Wait \(seconds) seconds, then try again."
        case _ where isLogin: "No user of this account has this name and password."
        case _ where visit.request.method != .get:
            "Your session is over, and the change was not made. Log in, then make it again."
        case .expiredToken: "Your session is over. Log in to go on."
        default: "Log in to see this page."
        }
    }

    /// Where a login leads: back to the page that asked for it.
    private var next: String {
        if let next = visit.ownNext { return next }
        if error == nil || isLogin { return "/" }
        return visit.request.method == .get ? visit.sameLink([("auth_token", nil)]) : visit.request.path
    }
}

extension Visit {
    /// The path that a form or an address names as the next one, if it is a path of ours.
    var ownNext: String? {
        let next = request.call?.envelope.members["next"]?.string ?? request.query["next"]
        return next.flatMap { $0.isOwnPath ? $0 : nil }
    }

    /// The path of the list that the document of this path is in.
    var parentPath: String? {
        guard let noun = request.nouns.last, request.nouns.count > 1, !noun.arguments.isEmpty else { return nil }
        return request.path.lastIndex(of: "/").map { String(request.path[..<$0]) }
    }
}

extension String {
    /// Whether a browser that is sent there stays with us: one slash first, and nothing that a browser reads as another
    /// or leaves out.
    ///
    /// Source: WHATWG URL, "URL parsing": backslashes count as slashes, tabs and line ends as nothing.
    var isOwnPath: Bool {
        let bytes = Array(utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= 2_000 else { return false }
        if bytes.count > 1, bytes[1] == UInt8(ascii: "/") { return false }
        return bytes.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
    }
}
