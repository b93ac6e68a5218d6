using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Rebound.Server.Http;

namespace Rebound.Server.Security;

/// <summary>Asks every request for the key, but those to endpoints that are open to all, such as whether the server is well.</summary>
/// <param name="key">Null where none is asked for.</param>
internal sealed class ApiKeyCheck(string? key) : IKeyCheck
{
    private const string Scheme = "Bearer ";

    private readonly byte[] _key = Digest(key ?? "");

    /// <summary>
    /// Of browsers in which the key was given. The key itself is not kept there, and another start of the server asks again.
    /// </summary>
    private readonly string _session = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes));

    public bool IsAsked => key is not null;

    public Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (Accepts(context.Request) || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        throw new ApiException(
            StatusCodes.Status401Unauthorized, "authentication_error",
            "This server asks for a key: send the header 'Authorization: Bearer KEY', which OpenAI's clients do with their api_key.")
        {
            Code = "invalid_api_key",
        };
    }

    public bool Accepts(HttpRequest request) => key is null || HasKey(request) || HasSession(request);

    public bool TrySignIn(HttpContext context, string key)
    {
        if (!IsKey(key))
        {
            return false;
        }

        context.Response.Cookies.Append(CookieName(context.Request), _session, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = "/",
            IsEssential = true,
        });
        return true;
    }

    /// <summary>Cookies do not tell ports apart, and a machine may have several servers.</summary>
    private static string CookieName(HttpRequest request) =>
        $"rebound-session-{request.Host.Port ?? request.HttpContext.Connection.LocalPort}";

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private bool HasKey(HttpRequest request) => request.Headers.Authorization is [{ } value]
        && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && IsKey(value[Scheme.Length..].Trim());

    private bool HasSession(HttpRequest request) => request.Cookies[CookieName(request)] is { } session
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(session), Encoding.UTF8.GetBytes(_session));

    /// <summary>Digests have one length, so that comparing takes as long for any key.</summary>
    private bool IsKey(string given) => CryptographicOperations.FixedTimeEquals(Digest(given), _key);
}
