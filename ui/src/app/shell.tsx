/** The frame round every page: header, navigation, content. */

import { ActionIcon, Button, Drawer, Menu, useComputedColorScheme } from "@mantine/core";
import { useDisclosure, useLocalStorage } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import {
  CircleUser,
  LogOut,
  Menu as MenuIcon,
  PanelLeft,
  Search as SearchIcon,
  SunMoon,
} from "lucide-react";
import { type CSSProperties, useCallback, useState } from "react";
import { call, forgetAnswers, TENANT } from "../api/client";
import { logout, useSession } from "../api/session";
import { Finding } from "../design/finding";
import { useKeptLook, useSetLook } from "../design/use-look";
import { t } from "../i18n";
import { LiveDot } from "./live-dot";
import { forgetNames } from "./name-index";
import { Navigation } from "./navigation";
import { Palette } from "./palette";
import { forgetRecent } from "./recent";
import { Shortcuts } from "./shortcuts";
import { useGo } from "./use-go";
import { ZoneSwitch } from "./zone-switch";
import "./shell.css";

export function Shell() {
  const [folded, setFolded] = useLocalStorage({ key: "trunkline.folded", defaultValue: false });
  const [drawer, { open, close }] = useDisclosure(false);
  const [finding, setFinding] = useState(false);
  const find = useCallback(() => setFinding(true), []);
  useGo();
  useKeptLook();
  return (
    <div className="shell" data-folded={folded || undefined}>
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <header className="shell-top">
        <ActionIcon hiddenFrom="sm" aria-label={t("app.navigation")} onClick={open}>
          <MenuIcon size={16} />
        </ActionIcon>
        <ActionIcon
          visibleFrom="sm"
          aria-label={t("nav.fold")}
          aria-pressed={folded}
          onClick={() => setFolded(!folded)}
        >
          <PanelLeft size={16} />
        </ActionIcon>
        <Link to="/main/dashboards" className="brand">
          <img src="./mark.svg" alt="" width={20} height={20} />
          <span className="narrow-hidden">Trunkline</span>
        </Link>
        <span className="muted narrow-hidden" title={t("app.tenant")}>
          {TENANT}
        </span>
        <Environment />
        <span className="spring" />
        <Button
          variant="default"
          className="shell-find"
          leftSection={<SearchIcon size={14} />}
          onClick={find}
        >
          <span className="narrow-hidden">
            {t("app.search")} <kbd>{t("app.searchKey")}</kbd>
          </span>
        </Button>
        <LiveDot />
        <ZoneSwitch />
        <Shortcuts />
        <ThemeSwitch />
        <UserMenu />
      </header>
      <aside className="shell-side">
        <Navigation folded={folded} />
      </aside>
      <Drawer opened={drawer} onClose={close} title={t("app.navigation")} size={240}>
        <Navigation folded={false} onFollow={close} />
      </Drawer>
      <Palette opened={finding} onChange={setFinding} />
      <main className="shell-main" id="content" tabIndex={-1}>
        <Finding value={find}>
          <Outlet />
        </Finding>
      </main>
    </div>
  );
}

/** Which of several servers this is, where its settings give it a name. */
function Environment() {
  const named = useQuery({
    queryKey: ["configs"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => call<{ environment?: { name: string; color?: string } }>("GET", "/configs"),
  }).data?.environment;
  if (!named) return null;
  const color = named.color && ({ "--of-environment": named.color } as CSSProperties);
  return (
    <span className="environment" style={color || undefined} title={named.name}>
      {named.name}
    </span>
  );
}

function ThemeSwitch() {
  const set = useSetLook();
  const scheme = useComputedColorScheme("light");
  const flip = () => set({ theme: scheme === "light" ? "dark" : "light" });
  return (
    <ActionIcon aria-label={t("app.theme")} onClick={flip}>
      <SunMoon size={16} />
    </ActionIcon>
  );
}

function UserMenu() {
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    await logout();
    client.clear();
    forgetAnswers();
    forgetNames();
    forgetRecent();
    await navigate({ to: "/login" });
  };
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={t("app.user")}>
          <CircleUser size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{session?.username}</Menu.Label>
        <Menu.Item leftSection={<LogOut size={14} />} onClick={leave}>
          {t("app.logout")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
