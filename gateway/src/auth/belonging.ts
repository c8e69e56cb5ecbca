import type { Directory } from './directory.ts';
import type { Tenant, TenantKind } from './tenant.ts';

/** To whom calls belong, by name. A name that the directory does not know is a label: it is told in reports and brings nothing with it. */
export interface Belonging {
  organisation?: string;
  team?: string;
  project?: string;
  user?: string;
}

/** From the inside out, which is the order in which limits are told. */
const INSIDE_OUT = ['user', 'project', 'team', 'organisation'] as const satisfies readonly TenantKind[];

/** With what the names imply: the team of a project or of a user, the organisation of a team. */
export function completeBelonging(named: Belonging, directory: Directory): Belonging {
  const { user, project } = named;
  const team =
    named.team ??
    (project === undefined ? undefined : directory.find('project', project)?.team) ??
    (user === undefined ? undefined : directory.find('user', user)?.team);
  const organisation =
    named.organisation ?? (team === undefined ? undefined : directory.find('team', team)?.organisation);
  return {
    ...(organisation !== undefined && { organisation }),
    ...(team !== undefined && { team }),
    ...(project !== undefined && { project }),
    ...(user !== undefined && { user }),
  };
}

/** Those of the named that the directory knows, the innermost first. */
export function tenantsOf(belonging: Belonging, directory: Directory): Tenant[] {
  const tenants: Tenant[] = [];
  for (const kind of INSIDE_OUT) {
    const name = belonging[kind];
    const tenant = name === undefined ? undefined : directory.find(kind, name);
    if (tenant !== undefined) tenants.push(tenant);
  }
  return tenants;
}

/** What two names say against each other, in one sentence. Undefined: nothing. */
export function contradictionIn(
  named: Belonging,
  directory: Directory,
): { field: TenantKind; why: string } | undefined {
  const { organisation, team, project } = named;
  const projectTeam = project === undefined ? undefined : directory.find('project', project)?.team;
  if (team !== undefined && projectTeam !== undefined && projectTeam !== team) {
    return {
      field: 'project',
      why: `The project "${project}" belongs to the team "${projectTeam}", not to "${team}".`,
    };
  }
  const home = team ?? projectTeam;
  const teamOrganisation = home === undefined ? undefined : directory.find('team', home)?.organisation;
  if (organisation !== undefined && teamOrganisation !== undefined && teamOrganisation !== organisation) {
    return {
      field: 'organisation',
      why: `The team "${home}" belongs to the organisation "${teamOrganisation}", not to "${organisation}".`,
    };
  }
  return undefined;
}
