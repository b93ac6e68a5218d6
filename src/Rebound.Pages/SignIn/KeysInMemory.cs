using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Rebound.Pages.SignIn;

/// <summary>The keys that forms are protected by: of one run of the server, and never on the disk.</summary>
internal sealed class KeysInMemory : IXmlRepository
{
    private readonly Lock _lock = new();
    private readonly List<XElement> _elements = [];

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_lock)
        {
            return [.. _elements];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_lock)
        {
            _elements.Add(element);
        }
    }
}
