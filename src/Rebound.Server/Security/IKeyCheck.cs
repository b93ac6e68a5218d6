using Microsoft.AspNetCore.Http;

namespace Rebound.Server.Security;

/// <summary>The key that requests have to bring: programs in a header, browsers by the session that a person opened with it.</summary>
public interface IKeyCheck
{
    /// <summary>Whether there is a key at all.</summary>
    bool IsAsked { get; }

    /// <summary>Whether a request may go on.</summary>
    bool Accepts(HttpRequest request);

    /// <summary>Opens a session for a browser that brings the key; it lasts as long as the browser or the server runs.</summary>
    /// <returns>False where the key is another one; nothing has been done then.</returns>
    bool TrySignIn(HttpContext context, string key);
}
