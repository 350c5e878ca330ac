//  The templates of the pages, and how text gets into them.

import Mustache

/// What a template is filled with: text, numbers, truth values, further models and lists of such.
typealias Model = [String: Any]

enum Template {
    /// Returns a page: one of the templates in the frame that all pages share.
    static func render(_ page: Model) -> [UInt8] { Array((library.render(page, withTemplate: "page") ?? "").utf8) }

    /// A template that does not compile is a mistake of ours, which the first test of a page shows.
    private static let library: MustacheLibrary = {
        MustacheContentTypes.register(HTMLText(), named: "HTML-BY-SCALAR")
        let sources: [(name: String, text: [UInt8])] = [
            ("page", PackageResources.page_mustache), ("list", PackageResources.list_mustache),
            ("item", PackageResources.item_mustache), ("form", PackageResources.form_mustache),
            ("field", PackageResources.field_mustache), ("deletion", PackageResources.deletion_mustache),
            ("problem", PackageResources.problem_mustache), ("login", PackageResources.login_mustache),
            ("home", PackageResources.home_mustache), ("chooser", PackageResources.chooser_mustache),
            ("document", PackageResources.document_mustache), ("docs", PackageResources.docs_mustache),
            ("values", PackageResources.values_mustache), ("history", PackageResources.history_mustache),
            ("deleted", PackageResources.deleted_mustache), ("factor", PackageResources.factor_mustache),
            ("recovery", PackageResources.recovery_mustache), ("sections", PackageResources.sections_mustache),
            ("buttons", PackageResources.buttons_mustache),
        ]
        var library = MustacheLibrary()
        for (name, text) in sources {
            let source = "{{% CONTENT_TYPE:HTML-BY-SCALAR}}\n" + String(decoding: text, as: UTF8.self)
            guard (try? library.register(source, named: name)) != nil else {
                preconditionFailure("\(name).mustache is malformed")
            }
        }
        return library
    }()
}

/// Text in HTML, escaped scalar by scalar: what a character looks like to a person does not matter to a browser, and a
/// mark that joins with a `<` leaves it a `<`.
struct HTMLText: MustacheContentType {
    func escapeText(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            // Source: WHATWG HTML, "Parse errors": control characters are no text of a page.
            case "\u{0}"..."\u{8}", "\u{B}", "\u{E}"..."\u{1F}", "\u{7F}"..."\u{9F}": escaped.append("\u{FFFD}")
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
