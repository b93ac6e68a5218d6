using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Rebound.Server.Security;

namespace Rebound.Server;

/// <summary>
/// A part of a server that <see cref="ModelServer"/> knows nothing of, such as pages for people. What it serves is asked for the key, where
/// there is one, but for endpoints that are marked as open to all (<c>AllowAnonymous</c>).
/// </summary>
public interface IServerPart
{
    /// <summary>Adds the services that its endpoints need. <see cref="IServerView"/> and <see cref="IKeyCheck"/> are there.</summary>
    void AddServices(IServiceCollection services);

    /// <summary>Adds its endpoints, and what comes between routing and them.</summary>
    void Map(WebApplication application);

    /// <summary>Shows a failure to a client that asks for a page; false where it does not, which is told in OpenAI's shape then.</summary>
    /// <param name="status">Of HTTP. The response has not begun, and has none yet.</param>
    /// <param name="sentence">For a person.</param>
    Task<bool> ShowErrorAsync(HttpContext context, int status, string sentence);
}
