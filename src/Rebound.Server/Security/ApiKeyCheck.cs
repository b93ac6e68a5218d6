using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Rebound.Server.Http;

namespace Rebound.Server.Security;

/// <summary>Asks every request for the key, but those that have to answer without: whether the server is well.</summary>
internal sealed class ApiKeyCheck(string key)
{
    private const string Scheme = "Bearer ";

    private readonly byte[] _key = Digest(key);

    public Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.Equals(HealthEndpoint.Path, StringComparison.Ordinal) || HasKey(context.Request))
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

    /// <summary>Digests have one length, so that comparing takes as long for any key.</summary>
    private bool HasKey(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Digest(value[Scheme.Length..].Trim()), _key);

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
