using System.Security.Cryptography;

namespace Rebound.Server.Http;

/// <summary>Names of responses and calls, which no other has.</summary>
internal static class Ids
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <param name="prefix">For example <c>chatcmpl-</c>.</param>
    public static string New(string prefix) => prefix + RandomNumberGenerator.GetString(Letters, 24);

    /// <summary>Nine letters and digits, as the templates of Mistral's models demand of a call.</summary>
    public static string NewCall() => RandomNumberGenerator.GetString(Letters, 9);
}
