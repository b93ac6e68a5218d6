using Microsoft.AspNetCore.Http;

namespace Rebound.Pages.SignIn;

/// <summary>The page that asks for the key, and where it leads to.</summary>
internal static class SignInAddress
{
    public const string Path = "/sign-in";

    /// <summary>The page, from which one comes back to what the request asked for.</summary>
    public static string From(HttpRequest request) => HttpMethods.IsGet(request.Method) && request.Path != "/"
        ? $"{Path}?next={Uri.EscapeDataString(request.Path + request.QueryString)}"
        : Path;

    /// <summary>A place on this server: an address that leads to another one counts for none.</summary>
    public static string Next(string? next) =>
        next is ['/', not ('/' or '\\'), ..] && !next.Any(char.IsControl) ? next : "/";
}
